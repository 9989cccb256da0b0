"""The SCIM 2.0 door: translates between RFC 7643/7644 as providers speak it and the use cases."""
