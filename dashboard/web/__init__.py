"""Everything between a request and the views: request type, middleware, headers, limits, and error pages."""
