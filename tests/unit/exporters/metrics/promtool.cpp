#include "promtool.h"

#include <unistd.h>

#include <array>
#include <cstdio>
#include <cstdlib>
#include <fstream>

namespace halfclosed::exporters {

bool promtool_installed() {
    return std::system("command -v promtool >/dev/null 2>&1") == 0;
}

std::string promtool_check_metrics(const std::string& page) {
    std::string path = "/tmp/halfclosed-page-XXXXXX";
    const int file = mkstemp(path.data());
    if (file < 0) {
        return "mkstemp failed";
    }
    close(file);
    std::ofstream(path) << page;
    const std::string command = "promtool check metrics <" + path + " 2>&1";
    FILE* pipe = popen(command.c_str(), "r");
    std::string said;
    std::array<char, 4096> buffer{};
    while (pipe != nullptr) {
        const std::size_t got = std::fread(buffer.data(), 1, buffer.size(), pipe);
        if (got == 0) {
            break;
        }
        said.append(buffer.data(), got);
    }
    const int status = pipe != nullptr ? pclose(pipe) : -1;
    unlink(path.c_str());
    if (status != 0 && said.empty()) {
        said = "exit status " + std::to_string(status);
    }
    return said;
}

}  // namespace halfclosed::exporters
