/* steelyard: the whole public API. Each module's header also stands alone.
 * SPDX-License-Identifier: GPL-3.0-only */
#ifndef STEELYARD_H
#define STEELYARD_H
#include "steelyard/anova.h"
#include "steelyard/bootstrap.h"
#include "steelyard/context.h"
#include "steelyard/crossvalidate.h"
#include "steelyard/describe.h"
#include "steelyard/design.h"
#include "steelyard/diagnostics.h"
#include "steelyard/distribution.h"
#include "steelyard/evidence.h"
#include "steelyard/interval.h"
#include "steelyard/joint.h"
#include "steelyard/linear.h"
#include "steelyard/memory.h"
#include "steelyard/moments.h"
#include "steelyard/multiplicity.h"
#include "steelyard/noncentral.h"
#include "steelyard/overview.h"
#include "steelyard/permutation.h"
#include "steelyard/population.h"
#include "steelyard/relative_weights.h"
#include "steelyard/shares.h"
#include "steelyard/status.h"
#include "steelyard/submodels.h"
#include "steelyard/vcov.h"
#endif
