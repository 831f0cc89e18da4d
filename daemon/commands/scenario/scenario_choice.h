#pragma once

#include <list>
#include <string>
#include <vector>

#include "scenarios/definition/scenario.h"

namespace halfclosed {

/// The scenarios that a command line names: those of the catalogue, and those in the user's files.
class ScenarioChoice {
 public:
    /// "late-close", or "all" for those that can run in a namespace. Throws std::invalid_argument.
    void add_name(const std::string& name);

    /// Reads the file. Throws std::invalid_argument that names the file, and the line with the error.
    void add_file(const std::string& path);

    /// In the order in which they were added. They live as long as this choice.
    const std::vector<const scenarios::Scenario*>& scenarios() const { return scenarios_; }

    /// The unavailable scenarios that "all" skipped.
    const std::vector<const scenarios::Scenario*>& skipped() const { return skipped_; }

 private:
    std::vector<const scenarios::Scenario*> scenarios_;
    std::vector<const scenarios::Scenario*> skipped_;
    std::list<scenarios::Scenario> own_;  ///< a list: scenarios_ points into it
};

}  // namespace halfclosed
