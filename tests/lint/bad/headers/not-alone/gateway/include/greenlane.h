size_t gln_size(void);
