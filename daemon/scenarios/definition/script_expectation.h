#pragma once

#include <optional>
#include <vector>

#include "scenarios/definition/scenario.h"

namespace halfclosed::scenarios {

// What a scenario file need not say, for it follows from the programs' scripts.

/// The calls that a side's script makes, where all succeed but a write after "await reset". Nothing if an actor has no
/// script, or if what read() returns depends on how the peer's data is cut into segments.
std::optional<std::vector<ExpectedCall>> calls_of_script(const PerSide<Actor>& actors, Side side);

/// How a side's program ends: by the first signal of `steps` that its script does not wait for, else as its script does.
/// Nothing without a script.
std::optional<std::optional<Exit>> exit_of_script(const PerSide<Actor>& actors, Side side,
                                                  const std::vector<Step>& steps);

}  // namespace halfclosed::scenarios
