"""Every point anywhere in its region: boxes, balls, polytopes, hulls and unions."""
