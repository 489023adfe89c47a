"""Our own input of a CBAM calculation (``zerofactory/cbam-input/1``): YAML, JSON, workbook; read, checked, written.

    file ──▶ untyped tree ──▶ typed by the schema ──▶ build: the model, figures in its units ──▶ checks of substance
                  ▲ workbook_in                          ▲ files: CSV beside it
    model ──▶ tree (write) ──▶ YAML, workbook (workbook_out)

The schema ``standards/schemas/cbam-input.schema.json`` says what there is; templates, workbook and reader follow it.
"""
