"""Certificates and statements, their files, and the public register."""
