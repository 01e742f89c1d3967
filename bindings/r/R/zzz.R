# broom's verbs live in the generics package, which need not be there.
# SPDX-License-Identifier: GPL-3.0-only

.onLoad <- function(libname, pkgname) {
  late("generics", "tidy", "steelyard_shares", tidy.steelyard_shares)
  late("generics", "glance", "steelyard_shares", glance.steelyard_shares)
  late("generics", "tidy", "steelyard_share_flip", tidy.steelyard_share_flip)
  late("generics", "glance", "steelyard_share_flip", glance.steelyard_share_flip)
  late("generics", "tidy", "steelyard_overview", tidy.steelyard_overview)
  late("generics", "tidy", "steelyard_fit", tidy.steelyard_fit)
  late("generics", "glance", "steelyard_linear", glance.steelyard_linear)
  late("generics", "augment", "steelyard_linear", augment.steelyard_linear)
  late("generics", "glance", "steelyard_response", glance.steelyard_response)
  late("generics", "augment", "steelyard_response", augment.steelyard_response)
  late("generics", "tidy", "steelyard_anova", tidy.steelyard_anova)
  late("generics", "tidy", "steelyard_mixed", tidy.steelyard_mixed)
  late("generics", "glance", "steelyard_mixed", glance.steelyard_mixed)
  late("generics", "augment", "steelyard_mixed", augment.steelyard_mixed)
  late("nlme", "fixef", "steelyard_mixed", fixef.steelyard_mixed)
  late("nlme", "ranef", "steelyard_mixed", ranef.steelyard_mixed)
  late("nlme", "VarCorr", "steelyard_mixed", VarCorr.steelyard_mixed)
  late("generics", "tidy", "steelyard_polychoric", tidy.steelyard_polychoric)
  late("generics", "tidy", "steelyard_gap", tidy.steelyard_gap)
  late("generics", "glance", "steelyard_gap", glance.steelyard_gap)
  late("generics", "tidy", "steelyard_reliability", tidy.steelyard_reliability)
  late("generics", "glance", "steelyard_reliability", glance.steelyard_reliability)
  late("generics", "tidy", "steelyard_mediation", tidy.steelyard_mediation)
  late("generics", "glance", "steelyard_mediation", glance.steelyard_mediation)
  late("generics", "tidy", "steelyard_confounding", tidy.steelyard_confounding)
  late("generics", "tidy", "steelyard_balance", tidy.steelyard_balance)
  late("generics", "glance", "steelyard_balance", glance.steelyard_balance)
  late("generics", "tidy", "steelyard_evidence", tidy.steelyard_evidence)
  late("generics", "glance", "steelyard_evidence", glance.steelyard_evidence)
  late("generics", "tidy", "steelyard_curve", tidy.steelyard_curve)
  late("generics", "glance", "steelyard_curve", glance.steelyard_curve)
}

# Registers a method now if the generic's package is loaded, else when it is.
late <- function(package, generic, class, method) {
  register <- function(...) registerS3method(generic, class, method, envir = asNamespace(package))
  if (isNamespaceLoaded(package)) register() else setHook(packageEvent(package, "onLoad"), register)
}

.onUnload <- function(libpath) library.dynam.unload("steelyard", libpath)
