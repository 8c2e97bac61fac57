"""The rows of a layer as a file for other programs: GeoJSON, CSV, XLSX, GeoPackage, Shapefile, KML."""
