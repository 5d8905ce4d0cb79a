"""The adapters behind the ports: DynamoDB, SES, Step Functions, S3 and SQS."""
