"""What the Lambda functions share: the domain, its ports, the use cases, and the adapters behind the ports."""
