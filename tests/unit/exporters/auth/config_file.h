#pragma once

#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <string>

namespace halfclosed::auth {

/// A web configuration in a directory of its own, gone with it.
class GuardFile {
 public:
    explicit GuardFile(const std::string& text) {
        std::string pattern =
            (std::filesystem::temp_directory_path() / "halfclosed-guard-XXXXXX").string();
        if (mkdtemp(pattern.data()) == nullptr) {
            throw std::runtime_error("mkdtemp");
        }
        directory_ = pattern;
        write("web.yml", text);
    }
    ~GuardFile() { std::filesystem::remove_all(directory_); }
    GuardFile(const GuardFile&) = delete;
    GuardFile& operator=(const GuardFile&) = delete;

    void write(const std::string& name, const std::string& text) const {
        std::ofstream(directory_ / name, std::ios::binary) << text;
    }

    std::string path() const { return (directory_ / "web.yml").string(); }
    std::string beside(const std::string& name) const { return (directory_ / name).string(); }

 private:
    std::filesystem::path directory_;
};

}  // namespace halfclosed::auth
