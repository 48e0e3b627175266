/**
 * What the controller shows when it has nothing better. The real one makes its own at each start, for a year; this one
 * is always the same. Source: ingress-nginx, internal/net/ssl/ssl.go (GetFakeSSLCert).
 */
export const fakeCertificate = `-----BEGIN CERTIFICATE-----
MIIB+jCCAaCgAwIBAgIIejHATluNGfIwCgYIKoZIzj0EAwIwSzEQMA4GA1UECgwH
QWNtZSBDbzE3MDUGA1UEAwwuS3ViZXJuZXRlcyBJbmdyZXNzIENvbnRyb2xsZXIg
RmFrZSBDZXJ0aWZpY2F0ZTAeFw0yNjAxMDEwMDAwMDBaFw00NjAxMDEwMDAwMDBa
MEsxEDAOBgNVBAoMB0FjbWUgQ28xNzA1BgNVBAMMLkt1YmVybmV0ZXMgSW5ncmVz
cyBDb250cm9sbGVyIEZha2UgQ2VydGlmaWNhdGUwWTATBgcqhkjOPQIBBggqhkjO
PQMBBwNCAAS2gGw2i0L/6XcIZ1Zh4Wg1aEI8JIQr/y0QQ5Aye4+yiTOOMoVcLMo6
t1V7Q5qNPWm8KPfqtv7oBUMX0CRCipi8o24wbDAOBgNVHQ8BAf8EBAMCBaAwEwYD
VR0lBAwwCgYIKwYBBQUHAwEwDAYDVR0TAQH/BAIwADAYBgNVHREEETAPgg1pbmdy
ZXNzLmxvY2FsMB0GA1UdDgQWBBTjLE6BNz87tmpul+iI7F1YLLgBQjAKBggqhkjO
PQQDAgNIADBFAiAqB2/cKEFVcNwKGThLzF7b4wN4l7UvQdpU90NO47e7oAIhAKV6
m89KUnA26MAi75PcbA6cAreUju1IgaqdFlNWjDrS
-----END CERTIFICATE-----
`;
