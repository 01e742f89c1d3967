# Methods for generics of packages that need not be there.
# SPDX-License-Identifier: GPL-3.0-only

.onLoad <- function(libname, pkgname) {
  late("generics", c("tidy", "glance", "augment"))
  late("knitr", "knit_print")
  late("repr", c("repr_text", "repr_html", "repr_markdown", "repr_latex"))
  late("nlme", c("fixef", "ranef", "VarCorr"))
}

# Registers this package's methods of the verbs, now if the verbs' package is loaded, else when it is.
late <- function(package, verbs) {
  own <- parent.env(environment())
  register <- function(...) {
    for (verb in verbs) for (name in ls(own, pattern = paste0("^", verb, "\\.steelyard_")))
      registerS3method(verb, substring(name, nchar(verb) + 2L), own[[name]], envir = asNamespace(package))
  }
  if (isNamespaceLoaded(package)) register() else setHook(packageEvent(package, "onLoad"), register)
}

.onUnload <- function(libpath) library.dynam.unload("steelyard", libpath)
