int gln_new(int class);
