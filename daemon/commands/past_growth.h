#pragma once

#include <string>

#include "commands/past_scope.h"
#include "exporters/snapshot/snapshot.h"

namespace halfclosed {

/// Tells the snapshot how fast each owner's leaks grew in the hour before it, as the history in the directory has it. Where
/// there is none, or none that may be read, or its daemon does not run any more, the snapshot stays as it is.
void add_past_growth(exporters::Snapshot& snapshot, const std::string& directory,
                     const PastScope& scope);

}  // namespace halfclosed
