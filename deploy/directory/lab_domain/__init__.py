"""A throw-away Samba AD domain: how its template is made and how instances of it are run."""
