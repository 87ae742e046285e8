"""Names and files of the lab domain: what both the template and a running instance rely on."""

REALM = "LAB.TEST"
DOMAIN = "LAB"
HOST = "dc1"
HOST_NAME = "dc1.lab.test"
BASE = "DC=lab,DC=test"
CONTAINER = f"OU=CloudGroups,{BASE}"
PEOPLE = f"OU=People,{BASE}"
OTHER = f"OU=Other,{BASE}"
ACCOUNTS = f"OU=Service Accounts,{BASE}"
SERVICE_ACCOUNT = "svc-writeback"
SERVICE_DN = f"CN={SERVICE_ACCOUNT},{ACCOUNTS}"
OUTSIDE_GROUP_DN = f"CN=Outside,{OTHER}"
ADMINISTRATOR_DN = f"CN=Administrator,CN=Users,{BASE}"

# The addresses that `auto` chooses from. The certificate and the service principals also cover a
# few well-known ones, for people who want to name one.
AUTOMATIC_ADDRESSES = [f"127.0.53.{number}" for number in range(1, 255)]
NAMED_ADDRESSES = [f"127.0.0.{number}" for number in range(53, 63)]
ADDRESSES = NAMED_ADDRESSES + AUTOMATIC_ADDRESSES

LDAPI = "private/ldap_priv/ldapi"
SERVICE_PASSWORD = "secrets/service-password"
ADMINISTRATOR_PASSWORD = "secrets/administrator-password"
KEYTAB = "secrets/svc-writeback.keytab"
CERTIFICATE_AUTHORITY = "private/tls/ca.pem"
FACTS = "domain.json"
RUN_TIME_FOLDERS = ["run", "log", "cache", "lock", "ncalrpc", "ntp", "winbindd", "bind-dns"]


def smb_conf(folder, address, fsync):
    """The server's configuration; every path is inside the folder."""
    return f"""[global]
  netbios name = {HOST.upper()}
  realm = {REALM}
  workgroup = {DOMAIN}
  server role = active directory domain controller
  interfaces = {address}/8
  bind interfaces only = yes
  private dir = {folder}/private
  state directory = {folder}/state
  cache directory = {folder}/cache
  lock directory = {folder}/lock
  pid directory = {folder}/run
  ncalrpc dir = {folder}/ncalrpc
  binddns dir = {folder}/bind-dns
  ntp signd socket directory = {folder}/ntp
  winbindd socket directory = {folder}/winbindd
  log file = {folder}/log/log.samba
  logging = file
  server services = ldap, kdc
  disable netbios = yes
  tls enabled = yes
  tls keyfile = {folder}/private/tls/key.pem
  tls certfile = {folder}/private/tls/cert.pem
  tls cafile = {folder}/{CERTIFICATE_AUTHORITY}
  ldap server require strong auth = no
  dsdb:schema update allowed = yes
  ldb:nosync = {"false" if fsync else "true"}
  prefork children = 2
[sysvol]
  path = {folder}/state/sysvol
[netlogon]
  path = {folder}/state/sysvol/{REALM.lower()}/scripts
"""


def krb5_conf(address):
    """Kerberos clients find this domain by it (KRB5_CONFIG) and ask no DNS."""
    return f"""[libdefaults]
  default_realm = {REALM}
  dns_lookup_realm = false
  dns_lookup_kdc = false
  dns_canonicalize_hostname = false
  rdns = false
[realms]
  {REALM} = {{
    kdc = {address}:88
  }}
[domain_realm]
  .{REALM.lower()} = {REALM}
  {REALM.lower()} = {REALM}
  {address} = {REALM}
"""
