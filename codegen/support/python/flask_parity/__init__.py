"""Flask's answers from FastAPI: what the port needs to answer as the original did.

Nothing here routes or dispatches: FastAPI does. Each module closes one difference between the two
frameworks, measured against Flask 3.1.3 and Werkzeug 3.1.9. When a difference no longer matters to
you, replace the module's use by FastAPI's own way and delete the module.
"""
