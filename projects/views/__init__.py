"""The pages of projects: they read the request, make one call into the domain, and answer."""
