#pragma once

#include <yaml-cpp/yaml.h>

#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace halfclosed::auth {

/// One mapping of a YAML file, read key by key. What is wrong in it is a std::invalid_argument that names file, line
/// and key: "web.yml:4: tls_server_config.cert_file: expected text".
class YamlSection {
 public:
    /// The whole of a file's text. An empty one is an empty mapping.
    YamlSection(const std::string& text, const std::string& file);

    // Nothing, or empty, where the key is not there.
    std::optional<YamlSection> section(const std::string& key);
    std::optional<std::string> text(const std::string& key);
    /// As YAML 1.1 spells booleans: true, yes, on, y, and their opposites, in three cases each.
    std::optional<bool> flag(const std::string& key);
    std::optional<std::vector<std::string>> texts(const std::string& key);

    /// All of a mapping whose keys are free.
    std::vector<std::pair<std::string, std::string>> entries();

    /// Refuses the first key that was not asked for.
    void refuse_the_rest() const;

    [[noreturn]] void refuse(const std::string& key, const std::string& why) const;

 private:
    YamlSection(const YAML::Node& node, std::string file, std::string path, int line);

    using Entries = std::vector<std::pair<YAML::Node, YAML::Node>>;

    void read(const YAML::Node& mapping, Entries& merged);
    YAML::Node value(const std::string& key);
    std::string scalar(const YAML::Node& node, const std::string& key) const;
    std::string name_of(const std::string& key) const;

    Entries entries_;  ///< those of its own, then those of merge keys that these do not have
    std::string file_;
    std::string path_;  ///< "tls_server_config", empty at the top
    int line_;          ///< where the section begins
    std::set<std::string> asked_;
};

}  // namespace halfclosed::auth
