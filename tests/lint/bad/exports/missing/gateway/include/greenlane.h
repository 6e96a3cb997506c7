GLN_API int gln_init(void);
GLN_API const char *gln_version(void);
