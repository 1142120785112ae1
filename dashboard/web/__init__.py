"""Everything between a request and the views: typed request, middleware, headers, limits, error pages."""
