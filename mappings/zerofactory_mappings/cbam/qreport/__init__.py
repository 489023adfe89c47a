"""QReport XML v23.00 of the CBAM transitional registry: checked, written in a stream, read back.

``elements`` compiles our table of elements (``standards/eu-cbam/qreport/23.00.yaml``) and ``values`` its simple types;
``judge`` and ``check`` judge a document as the Commission's schema does and add ``rules`` beyond it; ``model`` holds a
report as frozen dataclasses, tied to the table by ``binding``; ``write`` and ``read`` turn them into XML and back;
``official`` asks the schema of the Commission when the user has it; ``inputs``, ``columns``, ``schema`` and ``build``
read what people write, ``express`` writes it.

The report belongs to the **transitional** period (quarters up to Q4 2025); it is not the definitive declaration.
"""
