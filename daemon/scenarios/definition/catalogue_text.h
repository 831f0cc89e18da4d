#pragma once

#include <string_view>
#include <vector>

namespace halfclosed::scenarios {

/// A scenario file that is compiled in.
struct CatalogueText {
    const char* file;
    std::string_view text;
};

/// All of them, in the order of catalogue/ in CMakeLists.txt.
const std::vector<CatalogueText>& catalogue_text();

}  // namespace halfclosed::scenarios
