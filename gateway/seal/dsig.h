/** @file
 * Inside the seal room: the names of XML-DSig and canonical XML of trees.
 */
#ifndef SEAL_DSIG_H
#define SEAL_DSIG_H

#include "seal/seal.h"
#include "xml/native.h"

#define DSIG_NS "http://www.w3.org/2000/09/xmldsig#"
#define DSIG_ENVELOPED DSIG_NS "enveloped-signature"
#define DSIG_EXC_C14N "http://www.w3.org/2001/10/xml-exc-c14n#"
#define DSIG_RSA_SHA256 "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256"
#define DSIG_ECDSA_SHA256 "http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha256"
#define DSIG_SHA256 "http://www.w3.org/2001/04/xmlenc#sha256"

/** Exclusive canonical XML, without comments, of a whole tree. `notes`: attributes in GLN_NS count too. */
int dsig_canonical(struct buf *out, struct gln_context *ctx, xmlDocPtr tree, bool notes);
/** The same of one element, as if it stood alone. */
int dsig_canonical_node(struct buf *out, struct gln_context *ctx, xmlNodePtr node);

#endif
