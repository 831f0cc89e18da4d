#pragma once

#include "exporters/snapshot/snapshot.h"
#include "history/batch.h"

namespace halfclosed {

/// How many sockets a snapshot has, by state and custody, and by owner: those with the most leaks. Without steps.
history::CountSample counts_of(const exporters::Snapshot& snapshot);

/// Whether they differ in ages at most.
bool same_numbers(const history::CountSample& a, const history::CountSample& b);

}  // namespace halfclosed
