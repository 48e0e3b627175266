/** A certificate for secure.example.com and *.wild.example.com, valid until 2046, with its key. Made with the package selfsigned. */
export const certificatePem = `-----BEGIN CERTIFICATE-----
MIIBZzCCAQygAwIBAgIJH3JresKiyyAeMAoGCCqGSM49BAMCMB0xGzAZBgNVBAMT
EnNlY3VyZS5leGFtcGxlLmNvbTAeFw0yNjAxMDEwMDAwMDBaFw00NjAxMDEwMDAw
MDBaMB0xGzAZBgNVBAMTEnNlY3VyZS5leGFtcGxlLmNvbTBZMBMGByqGSM49AgEG
CCqGSM49AwEHA0IABNXc+3HKE2UYWhs6DHXHe9wJ7g79KZb7+GaZ3kigmqtpgjJg
pRMKUT15KO2rRDQMl4FMVVhI2g3aBPx0YEXiNrajNTAzMDEGA1UdEQQqMCiCEnNl
Y3VyZS5leGFtcGxlLmNvbYISKi53aWxkLmV4YW1wbGUuY29tMAoGCCqGSM49BAMC
A0kAMEYCIQDapNLBiau3GqaPjD6tvwSt5lTBfTCoky40stmxxDdM+QIhALLIYK20
wN51pOTBj3QzyyfRI+xVfE7uRm5m+6Xor2BW
-----END CERTIFICATE-----
`;

/** The key of {@link certificatePem}. */
export const privateKeyPem = `-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgqQZLzrfcWcT5e6Fi
LpW6JS7nYTB2wKyfZiiZcx6xYtahRANCAATV3PtxyhNlGFobOgx1x3vcCe4O/SmW
+/hmmd5IoJqraYIyYKUTClE9eSjtq0Q0DJeBTFVYSNoN2gT8dGBF4ja2
-----END PRIVATE KEY-----
`;
