"""The pages behind the mailed links: shows what is asked, takes the answer."""
