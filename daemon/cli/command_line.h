#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "cli/command.h"
#include "cli/options.h"

namespace CLI {
class App;
}

namespace halfclosed {

class ConfigFile;

/// The whole tree of commands and flags, and what one command line, the environment and the configuration file make
/// of it. Made anew it reads all three again: that is what a reload is.
class CommandLine {
 public:
    CommandLine(std::vector<std::string> arguments, const std::vector<AddCommand>& commands);
    ~CommandLine();

    /// Throws UsageError. Returns the exit status if there is nothing more to do: --help and --version are printed.
    std::optional<int> parse();

    const CommonOptions& common() const { return common_; }
    const Run& chosen() const { return chosen_; }

 private:
    std::unique_ptr<CLI::App> app_;
    std::shared_ptr<ConfigFile> file_;
    CommonOptions common_;
    Run chosen_;
};

}  // namespace halfclosed
