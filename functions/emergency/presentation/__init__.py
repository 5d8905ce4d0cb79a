"""What people read: mails, link pages and the report, in their own language. Pure: values in, text out."""
