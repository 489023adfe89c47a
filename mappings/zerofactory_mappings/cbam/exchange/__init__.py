"""CBAM to and from others: input prefilled from a dossier, requests to suppliers of precursors, record of disclosures.

Nothing about the boundary of a production process is assumed: what may leave it is asked, an open question keeps the
row out of the input and makes the input incomplete.
"""
