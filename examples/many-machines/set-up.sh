#!/bin/sh
# Makes secrets/: two passwords, and a certificate for the server by an authority of its own. SERVER_NAMES are the names
# under which workers reach the server.
set -eu

names=${SERVER_NAMES:-DNS:db}
umask 077
mkdir secrets && cd secrets
for role in owner worker; do openssl rand -hex 16 > "$role-password"; done

key='-newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes'
openssl req -x509 $key -keyout ca.key -out ca.crt -days 3650 -subj '/CN=authority of this queue' 2> openssl.log
openssl req $key -keyout server.key -out server.csr -subj '/CN=db' 2>> openssl.log
echo "subjectAltName = $names" > names
openssl x509 -req -in server.csr -CA ca.crt -CAkey ca.key -CAcreateserial -out server.crt -days 365 \
  -extfile names 2>> openssl.log
# Everyone may verify the server.
chmod 644 ca.crt server.crt
rm server.csr names openssl.log
