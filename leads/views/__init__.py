"""The pages of leads: they read the request, make one call into the domain, and answer."""
