"""The Domain Name System: names in their normal form, and what a domain's servers say."""
