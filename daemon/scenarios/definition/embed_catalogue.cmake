# Writes a source file with the text of every scenario file: cmake -DOUT=… -DFILES="a.toml;b.toml" -P this.
# Raw string literals; the delimiter cannot occur in a scenario file that a person would write.
set(source "// Generated from catalogue/*.toml.\n#include \"scenarios/definition/catalogue_text.h\"\n\n")
string(APPEND source "namespace halfclosed::scenarios {\n\n")
string(APPEND source "const std::vector<CatalogueText>& catalogue_text() {\n")
string(APPEND source "    static const std::vector<CatalogueText> texts{\n")
foreach(file IN LISTS FILES)
  get_filename_component(name ${file} NAME)
  file(READ ${file} text)
  string(APPEND source "        {\"${name}\", R\"scenario_file(${text})scenario_file\"},\n")
endforeach()
string(APPEND source "    };\n    return texts;\n}\n\n}  // namespace halfclosed::scenarios\n")
file(WRITE ${OUT} "${source}")
