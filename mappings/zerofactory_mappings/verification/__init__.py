"""Verification of a greenhouse-gas statement after ISO 14064-3: sample, misstatements against materiality, opinion.

A working paper for a verifier: what follows from figures is derived with proof, what is a judgement is proposed with
its reasons, and what nobody has said stays open.
"""
