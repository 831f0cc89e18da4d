// Any text as a configuration file: the flags that it sets, or a CLI::ConfigError that names the file and a line.

#include <CLI/CLI.hpp>
#include <cstddef>
#include <cstdint>
#include <sstream>
#include <string>
#include <vector>

#include "cli/config_file.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    CLI::App app;
    std::vector<std::string> ports;
    std::string interval;
    bool once = false;
    app.set_config("--config");
    app.add_option("--port", ports);
    CLI::App* serve = app.add_subcommand("serve");
    serve->add_option("--interval", interval);
    serve->add_flag("--once", once);
    std::istringstream file(std::string(reinterpret_cast<const char*>(data), size));
    try {
        halfclosed::ConfigFile(app).from_config(file);
    } catch (const CLI::ConfigError&) {
    }
    return 0;
}
