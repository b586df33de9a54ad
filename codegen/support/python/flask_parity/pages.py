"""The engine of page templates: Chameleon itself."""

from chameleon import PageTemplateLoader as PageTemplateLoader
