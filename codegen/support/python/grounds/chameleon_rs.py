"""The engine of page templates: chameleon-rs, which takes Chameleon's templates as they are.

In a port this is ``flask_parity/pages.py``, where ``--templates chameleon-rs`` asked for it.
"""

from chameleon_rs import PageTemplateLoader as PageTemplateLoader
