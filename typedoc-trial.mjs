import { Application } from 'typedoc'
const app = await Application.bootstrapWithPlugins({ plugin: ['typedoc-plugin-markdown'], router: 'module', readme: 'none', logLevel: 'Warn' })
app.options.setValue('hidePageHeader', true); app.options.setValue('hideBreadcrumbs', true); app.options.setValue('parametersFormat','table'); app.options.setValue('interfacePropertiesFormat','table'); app.options.setValue('typeAliasPropertiesFormat','table'); app.options.setValue('typeDeclarationFormat','table'); app.options.setValue('entryFileName','README')
console.time('convert'); const project = await app.convert(); console.timeEnd('convert')
app.validate(project); console.log(app.logger.hasErrors(), app.logger.hasWarnings())
await app.outputs.writeOutput({ name: 'markdown', path: '/tmp/typedoc-out' }, project); console.timeEnd('convert')
