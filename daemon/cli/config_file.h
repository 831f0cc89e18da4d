#pragma once

#include <CLI/CLI.hpp>

#include <iosfwd>
#include <map>
#include <string>
#include <vector>

namespace halfclosed {

/// Reads the configuration file as TOML. Keys are the names of flags; those of a command are in a [section] of its name. A
/// value is text, or a number where the flag takes one, true or false if it takes no value, and a list of them where it
/// is repeatable. A flag that the command line has, or an environment variable that is set, goes before the file.
///
/// Whatever is wrong with the file is a CLI::ConfigError that names file, line and key: text that is not TOML, a key that
/// no flag has, a value of another kind, or one that the flag does not take.
class ConfigFile : public CLI::Config {
 public:
    /// `app` has all flags and commands, and outlives this.
    explicit ConfigFile(CLI::App& app) : app_(app) {}

    std::vector<CLI::ConfigItem> from_config(std::istream& file) const override;

    /// Where the value stands that the flag has from the file, "FILE:LINE: 'serve.interval'"; empty if it has none.
    std::string place_of(const std::string& flag) const;

    /// Nothing writes a file.
    std::string to_config(const CLI::App*, bool, bool, std::string) const override { return {}; }

 private:
    CLI::App& app_;
    mutable std::map<std::string, std::string>
        places_;  ///< by flag; CLI11 reads through a const interface
};

}  // namespace halfclosed
