"""Flask's answers from another framework: what the port needs to answer as the original did.

Nothing here routes or dispatches: the framework does. Each module closes one difference between
the two, measured against Flask 3.1.3 and Werkzeug 3.1.9. When a difference no longer matters to
you, replace the module's use by the framework's own way and delete the module.
"""
