"""The CDK code: one thin stack, one construct per concern."""
