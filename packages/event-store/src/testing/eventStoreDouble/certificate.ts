// Of the double in this package's specs; nothing trusts it but them. Valid for a hundred years, so that no spec fails by the calendar.
export const certificate = {
  key: `-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQg3okr9R60cV4nOIlj
H39lb+IgzXJMp3kFP+vhtLQg3JqhRANCAAQMxnTrRikrhQY6wO3d/Laz0FTBhFzw
f/Pz3mnVJ3yDCW/sRT5Vs/q19nyNsc3r9YRD4c6VZ80b9jswVC6jHUpB
-----END PRIVATE KEY-----`,
  cert: `-----BEGIN CERTIFICATE-----
MIIBmzCCAUGgAwIBAgIUQZeIzR5WIw6MfR9j0SvK6jf9uGUwCgYIKoZIzj0EAwIw
FDESMBAGA1UEAwwJbG9jYWxob3N0MCAXDTI2MTEyMzIyMTIzMFoYDzIxMjYxMDMw
MjIxMjMwWjAUMRIwEAYDVQQDDAlsb2NhbGhvc3QwWTATBgcqhkjOPQIBBggqhkjO
PQMBBwNCAAQMxnTrRikrhQY6wO3d/Laz0FTBhFzwf/Pz3mnVJ3yDCW/sRT5Vs/q1
9nyNsc3r9YRD4c6VZ80b9jswVC6jHUpBo28wbTAdBgNVHQ4EFgQUMI3hzeYG7v19
1q3L1whaYaTngmIwHwYDVR0jBBgwFoAUMI3hzeYG7v191q3L1whaYaTngmIwDwYD
VR0TAQH/BAUwAwEB/zAaBgNVHREEEzARgglsb2NhbGhvc3SHBH8AAAEwCgYIKoZI
zj0EAwIDSAAwRQIhAP1cPX8u5SPhPqZPcRCeQLXTOb3XppsrjZ7+61GPsjKiAiA0
zNe3ehMB/6cl7xLMTgmCCDrYGud8fj+yJafKSeKXQw==
-----END CERTIFICATE-----`,
}
