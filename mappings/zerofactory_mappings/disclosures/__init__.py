"""What every disclosure shares: its subject, what it has to say, which items it holds, its pages, its workbook.

A disclosure is a package of this distribution (or of another one) with ``model``, ``build``, ``check``, ``write`` and
``commands``, announced under the entry-point group ``zerofactory.disclosures``; ``docs/adding-a-disclosure.md`` walks
through one.
"""
