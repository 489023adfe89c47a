"""Documents of the operator and the verifier: emissions report, summary report, monitoring plan, verification workbook.

``items`` reads what the law asks of each document (``standards/eu-cbam/completeness.yaml`` and ``items/``); ``build``,
``build_plan`` and ``build_verification`` answer item by item from the installation's input, its calculation, the
monitoring plan and what the verifier found; ``check`` says of each item whether it is present, missing or does not
apply; ``write`` makes JSON, HTML and PDF of it. ``plan*`` are the monitoring plan, ``verification``, ``sampling``,
``site_visit`` and ``workbook_*`` the verifier's working paper.
"""
