#pragma once

#include <list>
#include <string>
#include <vector>

#include "scenarios/definition/scenario.h"

namespace halfclosed {

/// Which scenarios a command line asks for: those of the catalogue by name, and those in files of
/// the user's own.
class ScenarioChoice {
 public:
    /// "late-close", or "all" for those that a namespace can play. Throws std::invalid_argument.
    void add_name(const std::string& name);

    /// Reads the file. Throws std::invalid_argument that names the file, and the line that is not
    /// as it must be.
    void add_file(const std::string& path);

    /// In the order in which they were added. They live as long as this choice.
    const std::vector<const scenarios::Scenario*>& scenarios() const { return scenarios_; }

    /// What "all" left out.
    const std::vector<const scenarios::Scenario*>& passed_over() const { return passed_over_; }

 private:
    std::vector<const scenarios::Scenario*> scenarios_;
    std::vector<const scenarios::Scenario*> passed_over_;
    std::list<scenarios::Scenario> own_;  ///< a list, for others point into it
};

}  // namespace halfclosed
